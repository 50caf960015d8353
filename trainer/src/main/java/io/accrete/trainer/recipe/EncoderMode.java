package io.accrete.trainer.recipe;

/** What of the encoder learns. */
public enum EncoderMode {
  /** Nothing: its tokens are computed once and kept. */
  FROZEN,
  /** All of it. */
  FULL,
  /** Low-rank additions to the query, key and value projections. */
  LORA
}
