/** For the HEALTHCHECK of the image: asks the bot beside it whether it can work, and repeats what it lacks. */
const url = `http://127.0.0.1:${process.env.HEALTH_PORT}/readyz`;
try {
  const answer = await fetch(url);
  console.log((await answer.text()).trim());
  if (!answer.ok) process.exitCode = 1;
} catch (error) {
  console.log(`${url}: ${error.cause?.message ?? error.message}`);
  process.exitCode = 1;
}
