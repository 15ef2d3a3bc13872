/**
 * Stands in for `node:http` in the bundle. An `import` of it reads each of its exports, and so loads `WebSocket`, which it
 * has only by the way: 45 ms and some megabytes that nothing of ours uses. Taken from the process, it stays unread.
 */
module.exports = process.getBuiltinModule('node:http');
