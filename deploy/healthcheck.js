/**
 * For the HEALTHCHECK of the image: asks the bot beside it whether it can work, and repeats what it lacks. One that stands by
 * lacks nothing.
 */
const url = `http://127.0.0.1:${process.env.HEALTH_PORT}/readyz`;
try {
  const answer = await fetch(url);
  const text = await answer.text();
  console.log(text.trim());
  if (!answer.ok && !text.startsWith('standby')) process.exitCode = 1;
} catch (error) {
  console.log(`${url}: ${error.cause?.message ?? error.message}`);
  process.exitCode = 1;
}
