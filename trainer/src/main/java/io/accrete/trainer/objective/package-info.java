/** What is learned: objectives, chosen by name, that share one loop. */
package io.accrete.trainer.objective;
