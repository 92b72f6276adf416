/**
 * Whether a file is below a folder. Windows has no case in names; Node keeps that of a drive letter as it was typed, so one
 * file has two paths there, `c:\app` and `C:\app`. Imports nothing: part of the hooks thread.
 */

const DRIVE = /^(?:file:\/\/\/)?[A-Za-z]:/;

/**
 * @param folder - a path or `file:` URL, which ends with a separator
 * @returns what tells whether a path or URL, of the same form, is below it
 */
export function below(folder: string): (file: string) => boolean {
  const drive = DRIVE.exec(folder)?.[0];
  if (drive === undefined) return (file) => file.startsWith(folder);
  const rest = folder.slice(drive.length);
  const same = drive.toLowerCase();
  return (file) => file.slice(0, drive.length).toLowerCase() === same && file.startsWith(rest, drive.length);
}
