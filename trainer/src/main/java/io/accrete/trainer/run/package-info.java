/** A training run: from a recipe and photos, stage by stage, to a bundle. */
package io.accrete.trainer.run;
