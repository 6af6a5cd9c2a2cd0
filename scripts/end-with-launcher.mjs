// Loaded before a program that `runPinned` starts: whoever kills the launcher means the program, so it ends at once too.

process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
// It keeps nothing alive. Threads load this as well, and have no channel.
process.channel?.unref();
