// A picture is drawn by Vega when it comes near; until then, and where scripts are off, its still drawing is shown.
const charts = JSON.parse(document.getElementById("charts").textContent);
// `ast` has expressions interpreted, because the policy of this page allows no code made of text.
const options = { mode: "vega-lite", renderer: "svg", ast: true, actions: false, defaultStyle: false,
  tooltip: { theme: "custom", disableDefaultStyle: true } };

const draw = (place) => {
  const still = [...place.childNodes];
  const swap = (live, nodes) => {
    place.classList.toggle("still", !live);
    place.replaceChildren(...nodes);
  };
  place.style.minHeight = `${place.offsetHeight}px`;
  place.classList.remove("still");
  vegaEmbed(place, charts[place.dataset.picture], options)
    .then(() => {
      const live = [...place.childNodes];
      // Letters of the still drawing keep a size that can be read on paper.
      window.addEventListener("beforeprint", () => swap(false, still));
      window.addEventListener("afterprint", () => swap(true, live));
    })
    .catch((error) => {
      console.error(error);
      swap(false, still);
    })
    .finally(() => { place.style.minHeight = ""; });
};
const near = new IntersectionObserver((entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => {
  near.unobserve(entry.target);
  draw(entry.target);
}), { rootMargin: "600px" });
document.querySelectorAll(".picture").forEach((place) => near.observe(place));

for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const key = (row) => {
        const cell = row.cells[column];
        return "value" in cell.dataset ? Number(cell.dataset.value) : cell.textContent;
      };
      const order = (a, b) => {
        const [x, y] = [key(a), key(b)];
        if (typeof x !== typeof y) return typeof x === "number" ? -1 : 1;
        const way = typeof x === "number" ? x - y : x.localeCompare(y);
        return down ? -way : way;
      };
      const body = table.tBodies[0];
      body.append(...[...body.rows].sort(order));
    });
  });
}

// Folded parts are printed too.
const folded = () => [...document.querySelectorAll("details:not([open])")];
let unfolded = [];
window.addEventListener("beforeprint", () => {
  unfolded = folded();
  unfolded.forEach((part) => part.setAttribute("open", ""));
});
window.addEventListener("afterprint", () => unfolded.forEach((part) => part.removeAttribute("open")));
