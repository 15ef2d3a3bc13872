/**
 * Stands in for `node:child_process` in the quick program: commander wants it for commands that are programs of their own,
 * which we have none of, and it takes as long to load as commander itself.
 */
module.exports = {
  get spawn() {
    return process.getBuiltinModule('node:child_process').spawn;
  },
  get spawnSync() {
    return process.getBuiltinModule('node:child_process').spawnSync;
  },
};
