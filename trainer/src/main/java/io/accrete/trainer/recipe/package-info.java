/** Recipes: what a training run does, as YAML. */
package io.accrete.trainer.recipe;
