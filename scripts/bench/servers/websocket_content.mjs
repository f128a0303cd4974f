// @ts-check
// What the deflate case sends: records of 2 KiB as an API would push them, alike but not the same.

const WORDS = "amber birch cedar delta ember fjord grove haven inlet jetty knoll ledge".split(" ");

/** @param {number} seed */
function record(seed) {
  return {
    id: (seed * 2654435761) >>> 0,
    name: WORDS[seed % WORDS.length] + " " + WORDS[(seed * 7 + 3) % WORDS.length],
    price: ((seed * 7919) % 100000) / 100,
    stock: (seed * 31) % 500,
    active: seed % 3 !== 0,
    tags: [WORDS[(seed * 5) % WORDS.length], WORDS[(seed * 11 + 1) % WORDS.length]],
  };
}

/**
 * So many different messages of 2 KiB.
 * @param {number} count
 */
export function jsonMessages(count) {
  return Array.from({ length: count }, (_, message) => {
    const records = [];
    while (JSON.stringify(records).length < 2048) {
      records.push(record(message * 100 + records.length));
    }
    return JSON.stringify(records);
  });
}
