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

  /** The entries as columns, and what the words of a search are looked for in. */
  const prepared = (data, view) => {
    const facets = data.facets.map((facet) => ({
      ...facet,
      numbers: new Map(facet.options.map(([value], position) => [value, position])),
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

  /** The rows that match, in order, and for each filter the counts of its options beside all other filters. */
  const find = (library, state) => {
    const words = fold(state.q).split(/\s+/u).filter(Boolean);
    const asked = library.facets.map((facet) => state.chosen.get(facet.name)
      .map((value) => facet.numbers.get(value) ?? -1));
    const counts = library.facets.map((facet) => new Uint32Array(facet.options.length));
    const rows = [];
    for (const row of library.orders[state.sort]) {
      const text = library.texts[row];
      if (!words.every((word) => text.includes(word))) continue;
      let failed = -1;
      let failures = 0;
      for (let position = 0; position < asked.length && failures < 2; position += 1) {
        const wanted = asked[position];
        if (wanted.length === 0) continue;
        const has = library.facets[position].of[row];
        const fits = library.facets[position].many
          ? wanted.every((option) => has.includes(option))
          : wanted.some((option) => has.includes(option));
        if (!fits) { failed = position; failures += 1; }
      }
      if (failures === 0) rows.push(row);
      if (failures > 1) continue;
      for (let position = 0; position < counts.length; position += 1) {
        // An entry that only one filter leaves out counts there, unless that filter asks for all that is chosen.
        if (failures === 1 && (position !== failed || library.facets[position].many)) continue;
        for (const option of library.facets[position].of[row]) counts[position][option] += 1;
      }
    }
    return { rows, counts };
  };

  return { fold, prepared, stateOf, addressOf, find };
})();
