// Intl, Date, Math, Number, BigInt, Symbol and Temporal: what they read from objects.
const suspending = (stop, values) =>
  Object.defineProperties(
    {},
    Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key, { get: () => stop(value), enumerable: true }]),
    ),
  );

export default [
  {
    name: 'Intl.NumberFormat options, and formatting of an object',
    run(stop, id) {
      const format = new Intl.NumberFormat(
        'en',
        suspending(stop, { minimumFractionDigits: 1, style: 'decimal' }),
      );
      return [
        format.format({ valueOf: () => stop(id) }),
        format.formatRange?.(id, { valueOf: () => stop(9) }),
      ];
    },
    expected: (id) => [`${id}.0`, `${id}.0–9.0`],
  },
  {
    name: 'Intl.DateTimeFormat options and toLocaleString',
    run(stop, id) {
      const options = suspending(stop, { timeZone: 'UTC', year: 'numeric' });
      return [
        new Intl.DateTimeFormat('en', options).format(0),
        new Date(0).toLocaleDateString('en', options),
        stop(id),
      ];
    },
    expected: (id) => ['1970', '1970', id],
  },
  {
    name: 'Intl.Collator, PluralRules, ListFormat, RelativeTimeFormat and Segmenter',
    run(stop, id) {
      const list = (function* () {
        yield stop('a');
        yield stop('b');
      })();
      return [
        new Intl.Collator('en', suspending(stop, { numeric: true })).compare(
          { toString: () => stop('10') },
          '9',
        ),
        new Intl.PluralRules('en', suspending(stop, { type: 'ordinal' })).select({ valueOf: () => stop(1) }),
        new Intl.ListFormat('en', suspending(stop, { type: 'conjunction' })).format(list),
        new Intl.RelativeTimeFormat('en', suspending(stop, { style: 'long' })).format(
          { valueOf: () => stop(id) },
          'day',
        ),
        [
          ...new Intl.Segmenter('en', suspending(stop, { granularity: 'word' })).segment({
            toString: () => stop('a b'),
          }),
        ].length,
      ];
    },
    expected: (id) => [1, 'one', 'a and b', id === 1 ? 'in 1 day' : `in ${id} days`, 3],
  },
  {
    name: 'Intl.getCanonicalLocales, Intl.Locale and localeCompare',
    run: (stop, id) => [
      Intl.getCanonicalLocales({
        length: 1,
        get 0() {
          return stop('EN-us');
        },
      }),
      new Intl.Locale('en', suspending(stop, { region: 'GB' })).toString(),
      'a'.localeCompare({ toString: () => stop('b') }, 'en', suspending(stop, { sensitivity: 'base' })),
      stop(id),
    ],
    expected: (id) => [['en-US'], 'en-GB', -1, id],
  },
  {
    name: 'Date: constructor, setters, toJSON and Symbol.toPrimitive',
    run(stop, id) {
      const date = new Date({ valueOf: () => stop(0) });
      date.setUTCFullYear({ valueOf: () => stop(2000 + id) }, { valueOf: () => stop(0) });
      const json = Date.prototype.toJSON.call({
        valueOf: () => stop(1),
        toISOString: () => stop(`iso${id}`),
      });
      return [date.getUTCFullYear(), Date.UTC({ valueOf: () => stop(1970) }), json];
    },
    expected: (id) => [2000 + id, 0, `iso${id}`],
  },
  {
    name: 'Math, Number, BigInt and Symbol with objects',
    run(stop, id) {
      const number = { valueOf: () => stop(id), toString: () => stop(`${id}`) };
      return [
        Math.max(number, 0),
        Math.hypot(number),
        Number(number),
        Number.parseInt(number, number.none),
        BigInt(number),
        Symbol(number).description,
        (1.5).toFixed({ valueOf: () => stop(1) }),
      ];
    },
    expected: (id) => [id, id, id, id, BigInt(id), `${id}`, '1.5'],
  },
  {
    name: 'Math.sumPrecise over an iterator',
    needs: typeof Math.sumPrecise === 'function',
    run: (stop, id) => Math.sumPrecise([1, id].values().map((n) => stop(n))),
    expected: (id) => id + 1,
  },
  {
    name: 'Temporal: property bags and options',
    needs: typeof Temporal === 'object',
    run: (stop, id) => [
      Temporal.PlainDate.from(suspending(stop, { year: 2000, month: 1, day: id })).toString(),
      Temporal.Duration.from(suspending(stop, { hours: id })).total(suspending(stop, { unit: 'minutes' })),
      Temporal.PlainTime.from('10:11:12').round(suspending(stop, { smallestUnit: 'hour' })).hour,
    ],
    expected: (id) => [`2000-01-0${id}`, 60 * id, 10],
  },
];
