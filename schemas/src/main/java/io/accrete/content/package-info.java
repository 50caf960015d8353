/**
 * Bytes for content references: {@code file:}, {@code http(s):} and {@code s3:}, within what the configuration allows.
 *
 * <p>A reference comes from whoever may write an image event, and is never trusted. Every scheme is refused until an operator
 * allows it, every allowance is a list of places, and the limits on size and time hold whatever the other side says. The addresses of
 * published models are held to the same rules; the store of models that an operator names is one more place for them, and for them only.
 */
package io.accrete.content;
