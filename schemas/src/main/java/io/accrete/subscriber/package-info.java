/** For downstream services: each object's current embedding, in the space of the model version that is ACTIVE, one space at a time. */
package io.accrete.subscriber;
