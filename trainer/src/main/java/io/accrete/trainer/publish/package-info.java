/** Bundles into the model store, and their versions to the topic that tells of them. */
package io.accrete.trainer.publish;
