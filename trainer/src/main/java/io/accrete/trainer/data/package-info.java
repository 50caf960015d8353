/** What the trainer learns from: photos, their views, and the split into training and held-back objects. */
package io.accrete.trainer.data;
