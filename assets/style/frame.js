// A chart hears of a new size also when it is put away, and Plotly refuses to measure what is not shown.
addEventListener("unhandledrejection", (event) => {
  if (String(event.reason).includes("displayed plot div")) event.preventDefault();
});
