// Where a process can be asked for its tasks: a socket in a directory that only its user can enter.

/** The directory of a user's sockets. Not from TMPDIR: the process that asks may have another one. */
export const directoryOf = (uid: number): string => `/tmp/aevent-${uid}`;

/** The socket of a process. */
export const socketOf = (uid: number, pid: number): string => `${directoryOf(uid)}/${pid}.sock`;

/** Why no process can be asked on this system; empty if it can. */
export const whyNoSocket = (platform: NodeJS.Platform): string =>
  platform === 'win32'
    ? 'Windows has no socket that only its user can open. Start it with AEVENT_DEBUG=tasks, and press Ctrl-Break in its ' +
      'console, or let it call aevent.printTasks()'
    : '';

/** A request, as JSON on a line. */
export interface Question {
  readonly stacks: boolean;
}
