/** The report of a run, for people: one page of HTML, made anew from the log whenever there is something new. */
package io.accrete.trainer.report;
