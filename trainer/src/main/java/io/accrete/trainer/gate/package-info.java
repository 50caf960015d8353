/** Whether a trained model is better than the one that serves, on objects that neither was trained on here. */
package io.accrete.trainer.gate;
