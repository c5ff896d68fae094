/* The search of a list: how entries are found, sorted and named in an address. It scans all entries in memory.
   `search.js` shows what it finds; what an entry is, `library.js` and `projects.js` say. */
const iterataFind = (() => {
  "use strict";

  // Themes open a search of their own over a page whose address has `q`.
  const WORDS = "find";
  const LETTERS = { "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ı": "i", "þ": "th" };

  /** Lower case, without accents. */
  const fold = (text) =>
    text.normalize("NFKD").toLowerCase().replace(/[\u0300-\u036f\p{Diacritic}]/gu, "")
      .replace(/[ßæœøđðłıþ]/g, (letter) => LETTERS[letter]);

  /** The options of all rows in one array: those of a row are from `starts[row]` to `starts[row + 1]`. */
  const packed = (of) => {
    const starts = new Uint32Array(of.length + 1);
    of.forEach((options, row) => { starts[row + 1] = starts[row] + options.length; });
    return { starts, numbers: Uint32Array.from(of.flat()) };
  };

  /** The entries as columns, and what the words of a search are looked for in. */
  const prepared = (data, view) => {
    const facets = data.facets.map((facet) => ({
      ...facet,
      numbers: new Map(facet.options.map(([value], position) => [value, position])),
      packed: packed(facet.of),
    }));
    const searched = facets.filter((facet) => view.searched.includes(facet.name));
    const texts = data.rows.map((entry, row) => {
      const words = searched.flatMap((facet) => facet.of[row].map((position) => facet.options[position][1]));
      return fold([...view.texts(entry, data), ...words].join("\n"));
    });
    const listed = data.rows.map((_, row) => row);
    const by = (key) => [...listed].sort((one, other) => {
      const [first, second] = [key(data.rows[one]), key(data.rows[other])];
      return first < second ? 1 : first > second ? -1 : 0;
    });
    const orders = Object.fromEntries(Object.entries(view.sorts).map(([name, key]) => [name, key ? by(key) : listed]));
    return { ...data, facets, texts, orders };
  };

  /** What is searched for, as the address says. */
  const stateOf = (search, { facets, orders }) => {
    const given = new URLSearchParams(search);
    return {
      q: given.get(WORDS) ?? "",
      sort: Object.hasOwn(orders, given.get("sort")) ? given.get("sort") : Object.keys(orders)[0],
      page: Math.max(1, Number.parseInt(given.get("page") ?? "1", 10) || 1),
      chosen: new Map(facets.map((facet) => [facet.name, [...new Set(given.getAll(facet.name))].filter(Boolean)])),
    };
  };

  const addressOf = (state, { orders }) => {
    const query = new URLSearchParams();
    if (state.q) query.set(WORDS, state.q);
    for (const [name, values] of state.chosen) for (const value of values) query.append(name, value);
    if (state.sort !== Object.keys(orders)[0]) query.set("sort", state.sort);
    if (state.page > 1) query.set("page", String(state.page));
    const text = query.toString();
    return text ? `?${text}` : location.pathname;
  };

  const ALL_FIT = -1;
  const SEVERAL_FAIL = -2;

  /** For each row the only filter that leaves it out, or whether all fit or several do not. */
  const failing = ({ facets, texts }, state) => {
    const words = fold(state.q).split(/\s+/u).filter(Boolean);
    const failed = new Int32Array(texts.length).fill(ALL_FIT);
    for (const word of words) texts.forEach((text, row) => { if (!text.includes(word)) failed[row] = SEVERAL_FAIL; });
    facets.forEach(({ name, numbers, of, many }, position) => {
      const wanted = state.chosen.get(name).map((value) => numbers.get(value) ?? -1);
      if (wanted.length === 0) return;
      of.forEach((options, row) => {
        const has = (option) => options.includes(option);
        if (many ? wanted.every(has) : wanted.some(has)) return;
        failed[row] = failed[row] === ALL_FIT ? position : SEVERAL_FAIL;
      });
    });
    return failed;
  };

  /** How many rows have each option of a filter, beside all other filters. */
  const counted = ({ options, packed: { starts, numbers }, many }, position, failed) => {
    const counts = new Uint32Array(options.length);
    // What a filter leaves out counts there, unless the filter asks for all that is chosen.
    const alone = many ? ALL_FIT : position;
    for (let row = 0; row < failed.length; row += 1) {
      if (failed[row] !== ALL_FIT && failed[row] !== alone) continue;
      for (let at = starts[row]; at < starts[row + 1]; at += 1) counts[numbers[at]] += 1;
    }
    return counts;
  };

  /** The rows that match, in order, and for each filter the counts of its options beside all other filters. */
  const find = (library, state) => {
    const failed = failing(library, state);
    return {
      rows: library.orders[state.sort].filter((row) => failed[row] === ALL_FIT),
      counts: library.facets.map((facet, position) => counted(facet, position, failed)),
    };
  };

  return { fold, prepared, stateOf, addressOf, find };
})();
