/* The search of the findings library: how findings are found, sorted and named in an address. It scans all findings
   in memory. `library.js` shows what it finds. */
const iterataFindings = (() => {
  "use strict";

  const PER_PAGE = 50;
  const SORTS = ["newest", "used", "surprising"];
  const LETTERS = { "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ı": "i", "þ": "th" };

  /** Lower case, without accents. */
  const fold = (text) =>
    text.normalize("NFKD").toLowerCase().replace(/[\u0300-\u036f\p{Diacritic}]/gu, "")
      .replace(/[ßæœøđðłıþ]/g, (letter) => LETTERS[letter]);

  /** The findings as columns, and what the words of a search are looked for in. */
  const prepared = (data) => {
    const facets = data.facets.map((facet) => ({
      ...facet,
      numbers: new Map(facet.options.map(([value], position) => [value, position])),
    }));
    const searched = facets.filter((facet) => ["tag", "kind", "algorithm", "data"].includes(facet.name));
    const texts = data.rows.map(([key, statement, , place], row) => {
      const words = searched.flatMap((facet) => facet.of[row].map((position) => facet.options[position][1]));
      return fold([statement, key, data.places[place][0], ...words].join("\n"));
    });
    const newest = data.rows.map((_, row) => row);
    const by = (column) => [...newest].sort((one, other) => data.rows[other][column] - data.rows[one][column]);
    return { ...data, facets, texts, orders: { newest, used: by(7), surprising: by(8) } };
  };

  /** What is searched for, as the address says. */
  const stateOf = (search, facets) => {
    const given = new URLSearchParams(search);
    return {
      q: given.get("q") ?? "",
      sort: SORTS.includes(given.get("sort")) ? given.get("sort") : "newest",
      page: Math.max(1, Number.parseInt(given.get("page") ?? "1", 10) || 1),
      chosen: new Map(facets.map((facet) => [facet.name, [...new Set(given.getAll(facet.name))].filter(Boolean)])),
    };
  };

  const addressOf = (state) => {
    const query = new URLSearchParams();
    if (state.q) query.set("q", state.q);
    for (const [name, values] of state.chosen) for (const value of values) query.append(name, value);
    if (state.sort !== "newest") query.set("sort", state.sort);
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
        // A finding that only one filter leaves out counts there, unless that filter asks for all that is chosen.
        if (failures === 1 && (position !== failed || library.facets[position].many)) continue;
        for (const option of library.facets[position].of[row]) counts[position][option] += 1;
      }
    }
    return { rows, counts };
  };

  return { PER_PAGE, fold, prepared, stateOf, addressOf, find };
})();
