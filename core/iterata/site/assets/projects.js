/* The list of projects on the board: how a project looks in it, without its strip of stages. */
(() => {
  "use strict";

  const { element, start } = iterataSearch;

  const HEADS = [["Project", ""], ["Gain over today", "it-number"], ["Stage", ""], ["Waits for", ""]];
  const quiet = (text, tag = "span", more = "") => element(tag, { class: `it-quiet ${more}`.trim() }, text);
  const since = (day) => (day ? [" ", element("span", { class: "it-quiet" }, "since ", element("time", { datetime: day }, day))] : []);

  /** What a project waits for, one line each. */
  const waits = (entries, root) => entries.map(([name, url, what, who, day]) => element("p", {},
    ...(name ? [element("a", { href: root + url }, name), " "] : []), what, " ", element("span", { class: "it-who" }, who), ...since(day)));

  const rowOf = ([, title, url, iterations, gain, unit, isProvisional, stage, waiting], root) => {
    const count = iterations ? [" ", quiet(`${iterations} iteration${iterations === 1 ? "" : "s"}`)] : [];
    const figure = gain ? [element("strong", { class: "it-figure-text" }, gain[0]), " ",
      ...(gain[1] ? [element("span", { class: "it-interval-text" }, `(${gain[1]})`), " "] : []), quiet(unit, "span", "it-below")] : [];
    if (gain && isProvisional) figure.push(" ", element("span", { class: "it-word it-word--idle it-provisional" }, "provisional"));
    const [name, place, words] = stage;
    return element("tr", { class: "it-row" },
      element("th", { scope: "row" }, element("a", { href: root + url }, element("bdi", {}, title)), ...count),
      element("td", { class: "it-number" }, ...figure),
      element("td", {}, ...(name ? [element("a", { href: root + place }, name), " ", element("span", { class: "it-below" }, words)] : [])),
      element("td", {}, ...(waiting.length ? waits(waiting, root) : [quiet("nothing")])));
  };

  const listOf = (library, rows, root) => {
    const heads = HEADS.map(([text, name]) => element("th", { scope: "col", class: name || null }, text));
    const table = element("table", { class: "it-rows" }, element("thead", {}, element("tr", {}, ...heads)),
      element("tbody", {}, ...rows.map((row) => rowOf(library.rows[row], root))));
    return element("div", { class: "it-scroll", tabindex: "0", role: "region", "aria-label": "Projects" }, table);
  };

  start(".it-search-projects", "iterataProjects", {
    nouns: ["project", "projects"],
    perPage: 20,
    titles: "tbody th a",
    searched: ["base"],
    texts: ([name, title, , , , , , stage, , words]) => [title, name, stage[0], words],
    // What has waited longest comes first, and what waits for nothing last.
    sorts: { listed: null, waiting: (row) => (row[10] ? 99999999 - Number(row[10].replaceAll("-", "")) : 0), newest: (row) => row[11] },
    listOf,
  });
})();
