/** Rolling model versions out: what the topics say of them, what is decided, and what this instance has loaded. */
package io.accrete.streams.rollout;
