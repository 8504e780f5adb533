// Runs before the first paint: takes the chosen theme, or the system's, so that no page flashes in the wrong one.
(function () {
  var choice = 'system';
  try {
    choice = localStorage.getItem('outcry.theme') || 'system';
  } catch (error) {
    // Storage may be forbidden; the system's theme is used then.
  }
  var dark = choice === 'dark' || (choice !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
})();
