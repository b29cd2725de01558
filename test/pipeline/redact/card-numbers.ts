/** Digits with the one that makes them pass the Luhn check (ISO/IEC 7812-1, annex B). */
export function luhnDigits(digits: string): string {
  let sum = 0;
  for (const [i, digit] of Array.from(digits).reverse().entries()) {
    const doubled = Number(digit) * (i % 2 === 0 ? 2 : 1);
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return `${digits}${(10 - (sum % 10)) % 10}`;
}
