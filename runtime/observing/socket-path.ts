// Where a process can be asked for its tasks: a socket in a directory that nobody but its user can enter.

/** The directory of a user's sockets. Not from TMPDIR: who asks may have another one. */
export const directoryOf = (uid: number): string => `/tmp/aevent-${uid}`;

/** The socket of a process. */
export const socketOf = (uid: number, pid: number): string => `${directoryOf(uid)}/${pid}.sock`;

/** What is asked, as JSON on a line. */
export interface Question {
  readonly stacks: boolean;
}
