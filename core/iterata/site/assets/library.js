/* The findings library: how a finding looks in a list, and where findings were that have moved. */
(() => {
  "use strict";

  const { element, start } = iterataSearch;

  /** A finding as a row of the list, like the rows that are there without a script. */
  const rowOf = (library, row, root, sort) => {
    const [, statement, url, place, day, effect, isProvisional, uses, distance] = library.rows[row];
    const optionsOf = (name) => {
      const facet = library.facets.find((entry) => entry.name === name);
      return facet.of[row].map((position) => facet.options[position]);
    };
    const word = ([, text, tone]) => element("span", { class: `it-word it-word--${tone}` }, text);
    const [kind] = optionsOf("kind");
    const [project, iteration, placeUrl, unit] = library.places[place];
    const facts = element("p", { class: "it-result-facts" });
    if (effect) {
      const quiet = unit ? [" ", element("span", { class: "it-quiet" }, unit)] : [];
      facts.append(element("span", {}, element("span", { class: "it-interval" }, effect), ...quiet), " ");
    }
    for (const verdict of optionsOf("verdict")) facts.append(word(verdict), " ");
    if (isProvisional) facts.append(word(["", "provisional", "idle"]), " ");
    facts.append(word(optionsOf("status")[0]), " ");
    const where = element("a", { class: "it-result-place", href: root + placeUrl }, element("bdi", {}, project));
    if (iteration) where.append(` · ${iteration}`);
    facts.append(where);
    if (day) facts.append(" ", element("time", { datetime: day }, day));
    if (uses) facts.append(" ", element("span", { class: "it-quiet" }, `used ${uses}×`));
    if (sort === "surprising" && distance >= 0) {
      facts.append(" ", element("span", { class: "it-quiet" }, `${distance} standard errors from what was required`));
    }
    const tags = optionsOf("tag");
    for (const [, text, , tagUrl] of tags.slice(0, 6)) {
      facts.append(" ", element("a", { class: "it-tag", href: root + tagUrl }, element("bdi", {}, text)));
    }
    if (tags.length > 6) facts.append(" ", element("span", { class: "it-quiet" }, `+${tags.length - 6}`));
    const title = element("p", { class: "it-result-title" }, element("span", { class: "it-kind" }, kind[1]), " ",
      element("a", { href: root + url }, element("bdi", {}, statement)));
    return element("li", { class: `it-result it-kind--${kind[0]}` }, title, facts);
  };

  const listOf = (library, rows, root, sort) => element("ol", { class: "it-results", role: "list" },
    ...rows.map((row) => rowOf(library, row, root, sort)));

  /** The address that an anchor of the time when all findings were on one page leads to. */
  const movedTo = (library, hash) => {
    let anchor = hash.slice(1);
    try { anchor = decodeURIComponent(anchor); } catch { return undefined; }
    if (!anchor.includes("--")) return undefined;
    const own = library.rows.findIndex(([key]) => {
      const [, project, iteration, id] = /^(.*)\/([^/#]*)#(.*)$/s.exec(key) ?? [];
      return `${project}--${iteration || "requirements"}--${id}` === anchor;
    });
    return library.rows[own >= 0 ? own : library.moved[anchor]]?.[2];
  };

  start(".it-search-findings", "iterataFindings", {
    nouns: ["finding", "findings"],
    perPage: 50,
    titles: ".it-result-title a",
    takesSlash: true,
    searched: ["tag", "kind", "algorithm", "data"],
    texts: ([key, statement, , place], data) => [statement, key, data.places[place][0]],
    sorts: { newest: null, used: (row) => row[7], surprising: (row) => row[8] },
    listOf,
    movedTo,
  });
})();
