/** Image sets from the stream, kept on disk: what the trainer learns from while the stream goes on. */
package io.accrete.trainer.buffer;
