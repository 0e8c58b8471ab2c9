/** fast-check with a seed: the suite says the same of the same code each time. Another seed here looks further. */
import fc from 'fast-check';

fc.configureGlobal({ seed: 20_261_121 });

export { fc };
