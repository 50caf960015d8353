/** What trainers tell of their runs on {@code training-progress}, for the API. */
package io.accrete.streams.training;
