/** Image events that are written for users of the API. */
package io.accrete.streams.write;
