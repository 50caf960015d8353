/** The trainer as a service: it learns from the stream round after round, and publishes what is better. */
package io.accrete.trainer.service;
