/** This package's version; a test holds it against package.json. A constant, so that a bundle needs no file. */
export const VERSION = '0.1.0';
