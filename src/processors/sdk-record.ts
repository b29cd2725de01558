import type { LogRecordProcessor } from '@opentelemetry/sdk-logs';

/** What sdk-logs hands to `onEmit`, of any version that has this shape. */
export type SdkRecord = Parameters<LogRecordProcessor['onEmit']>[0];

/** What a record of our own says beside the resource that it shares with the others. */
export type SdkRecordParts = Pick<
  SdkRecord,
  'hrTime' | 'hrTimeObserved' | 'resource' | 'instrumentationScope' | 'attributes' | 'droppedAttributesCount'
> &
  Partial<Pick<SdkRecord, 'spanContext' | 'severityNumber' | 'severityText' | 'body' | 'eventName'>>;

/**
 * A record that no logger made: the SDK has no way to make one behind a processor, and one that was emitted can't be
 * changed any more.
 */
export class OwnSdkRecord implements SdkRecord {
  readonly hrTime: SdkRecord['hrTime'];
  readonly hrTimeObserved: SdkRecord['hrTimeObserved'];
  readonly resource: SdkRecord['resource'];
  readonly instrumentationScope: SdkRecord['instrumentationScope'];
  readonly attributes: SdkRecord['attributes'];
  readonly droppedAttributesCount: number;
  spanContext?: NonNullable<SdkRecord['spanContext']>;
  severityNumber?: NonNullable<SdkRecord['severityNumber']>;
  severityText?: string;
  body?: SdkRecord['body'];
  eventName?: string;

  constructor(parts: SdkRecordParts) {
    this.hrTime = parts.hrTime;
    this.hrTimeObserved = parts.hrTimeObserved;
    this.resource = parts.resource;
    this.instrumentationScope = parts.instrumentationScope;
    this.droppedAttributesCount = parts.droppedAttributesCount;
    // Its own: others still hold that of the record it was made of.
    this.attributes = {};
    for (const [key, value] of Object.entries(parts.attributes)) this.setAttribute(key, value);
    if (parts.spanContext !== undefined) this.spanContext = parts.spanContext;
    if (parts.severityNumber !== undefined) this.severityNumber = parts.severityNumber;
    if (parts.severityText !== undefined) this.severityText = parts.severityText;
    if (parts.body !== undefined) this.body = parts.body;
    if (parts.eventName !== undefined) this.eventName = parts.eventName;
  }

  setAttribute(key: string, value?: SdkRecord['body']): this {
    defineOwn(this.attributes, key, value);
    return this;
  }

  setAttributes(attributes: SdkRecord['attributes']): this {
    for (const [key, value] of Object.entries(attributes)) this.setAttribute(key, value);
    return this;
  }

  setBody(body: SdkRecord['body']): this {
    this.body = body;
    return this;
  }

  setEventName(eventName: string): this {
    this.eventName = eventName;
    return this;
  }

  setSeverityNumber(severityNumber: number): this {
    // A number of ours means what the same number of the API's enum does.
    Object.assign(this, { severityNumber });
    return this;
  }

  setSeverityText(severityText: string): this {
    this.severityText = severityText;
    return this;
  }
}

/** A key may be `__proto__`; assigning it would set the prototype. */
export function defineOwn(object: object, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, configurable: true, enumerable: true, writable: true });
}

/** Wall clock as sdk-logs keeps it. */
export function hrTimeOf(ms: number): [number, number] {
  const seconds = Math.floor(ms / 1_000);
  return [seconds, Math.floor((ms - seconds * 1_000) * 1e6)];
}
