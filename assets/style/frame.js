// A chart hears of a new size also when it is put away, and Plotly refuses to measure what is not shown.
addEventListener("unhandledrejection", (event) => {
  if (String(event.reason).includes("displayed plot div")) event.preventDefault();
});

// The field for a file inside an upload comes without a name for those who hear the screen; its button's words serve.
const fileFields = document.getElementsByClassName("q-uploader__input"); // stays current by itself
new MutationObserver(() => {
  for (const field of fileFields) {
    if (field.ariaLabel) continue;
    const title = field.closest(".q-uploader")?.querySelector(".q-uploader__title")?.textContent.trim();
    field.ariaLabel = title || "Choose a file";
  }
}).observe(document, { childList: true, subtree: true });
