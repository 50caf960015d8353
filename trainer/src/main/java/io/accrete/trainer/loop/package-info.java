/** The loop that all objectives share: steps, schedules, checkpoints, the log and the watch for collapse. */
package io.accrete.trainer.loop;
