/** Filters act when they change; the list follows without a reload of the rest. */
export function listenToFilters(): void {
  document.addEventListener("change", (event) => {
    const select = event.target as HTMLElement;
    if (select.matches("form.bar select")) select.closest("form")?.requestSubmit();
  });
}
