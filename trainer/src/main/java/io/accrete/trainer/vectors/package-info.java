/** Golden vectors through libtorch, in double precision; shared by tests and {@code accrete vectors}. */
package io.accrete.trainer.vectors;
