// What to type at the computer behind the mirror, as the mirror itself would be reached there.

const ANY = "mirrord {command} -c FILE";

/** Fill every place that names a command with the whole line. */
export function showCommands(line = ANY) {
  for (const place of document.querySelectorAll("[data-command]")) {
    place.textContent = line.replace("{command}", place.dataset.command);
  }
}
