/** The last word of a test run, on a line of its own: `1527 passed, 0 failed`. */
export default class SummaryReporter {
  onRunComplete(_contexts, { numPassedTests, numFailedTests, numRuntimeErrorTestSuites, wasInterrupted }) {
    // A file that could not be loaded, or a run that was broken off, is a failure with no test to its name.
    const failed = numFailedTests + numRuntimeErrorTestSuites + (wasInterrupted ? 1 : 0);
    // After the other reporters' words, which are on their way to another stream.
    setImmediate(() => console.log(`${numPassedTests} passed, ${failed} failed`));
  }
}
