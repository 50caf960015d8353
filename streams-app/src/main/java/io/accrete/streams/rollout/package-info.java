/** Rolling out model versions: what the topics say of it, the legal transitions, and the coordinator that decides. */
package io.accrete.streams.rollout;
