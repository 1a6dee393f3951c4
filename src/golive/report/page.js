"use strict";
const form = document.getElementById("filters");
if (form) {
  const shown = document.getElementById("shown");
  const part = document.getElementById("everything");
  const tables = [...part.querySelectorAll(".wide")];
  const rows = [...part.querySelectorAll("tbody tr")].map((row) => ({ row, words: row.textContent.toLowerCase() }));
  const names = ["section", "severity", "outcome", "owner", "subject"].filter((name) => form.elements[name]);
  const apply = () => {
    const wanted = names.map((name) => [name, form.elements[name].value]).filter(([, value]) => value);
    const words = form.elements.words.value.toLowerCase().trim();
    let count = 0;
    for (const each of rows) {
      const fits = wanted.every(([name, value]) => each.row.dataset[name] === value) && each.words.includes(words);
      if (each.row.hidden === fits) each.row.hidden = !fits;
      count += fits;
    }
    for (const table of tables) {
      const empty = !table.querySelector("tbody tr:not([hidden])");
      table.hidden = empty;
      if (table.previousElementSibling.tagName === "H3") table.previousElementSibling.hidden = empty;
    }
    shown.textContent = `${count.toLocaleString("en")} of ${rows.length.toLocaleString("en")} findings`;
  };
  form.hidden = false;
  form.addEventListener("input", apply);
  form.addEventListener("reset", () => setTimeout(apply));
  form.addEventListener("submit", (event) => event.preventDefault());
}
