// Runs before the first paint, so that a chosen theme does not flash the other one. Without a choice the system's holds.
(() => {
  try {
    const chosen = localStorage.getItem('accrete-theme');
    if (chosen === 'light' || chosen === 'dark') {
      document.documentElement.dataset.theme = chosen;
    }
  } catch {
    // storage is refused: the system's theme it is
  }
})();
