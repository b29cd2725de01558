import type { DeclaredEvents, EventCatalogue } from '../core/event-catalogue.ts';
import { isCatalogue, joinDeclared } from '../core/event-catalogue.ts';
import { readArray } from './foreign.ts';
import type { SettingType } from './setting-type.ts';

/** What `catalogue` resolves to: all events, and the catalogues that they came from. */
export interface CatalogueSetting {
  readonly declared: DeclaredEvents;
  readonly sources: readonly EventCatalogue[];
}

const FIX = 'Give what defineEvents or mergeEvents returned, or an array of such catalogues.';

/** One catalogue or several. They are code: no variable and no file can hold one. */
export const CATALOGUE: SettingType<CatalogueSetting> = {
  label: 'what `defineEvents` returned, or an array of such',
  fromCode(value, complain) {
    const given = isCatalogue(value) ? [value] : readArray(value);
    if (given === undefined) {
      complain({ code: 'SPANLOG_BAD_CATALOGUE', fix: FIX });
      return undefined;
    }
    const sources: EventCatalogue[] = [];
    for (const [i, one] of given.entries()) {
      if (isCatalogue(one)) sources.push(one);
      else complain({ code: 'SPANLOG_BAD_CATALOGUE', fix: FIX, key: String(i), value: one });
    }
    const { declared, conflicts } = joinDeclared(sources.map((source) => source.declared));
    for (const event of conflicts) {
      complain({
        code: 'SPANLOG_CONFLICT',
        fix: 'Two catalogues declare this event differently: leave one of them out, or make them equal. The first holds.',
        value: event,
      });
    }
    return { declared, sources };
  },
  fromText: () => undefined,
  fromFile(_value, complain) {
    complain({ code: 'SPANLOG_BAD_CATALOGUE', fix: `A file can't hold a catalogue. ${FIX}` });
    return undefined;
  },
  show: ({ declared }) => `${declared.size} events`,
};
