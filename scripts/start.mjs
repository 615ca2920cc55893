// `npm start`: sets up what is missing, then trains and tests the digits recipe; arguments go to the recipe.
import { main, run } from './tools.mjs';
import { setup } from './setup.mjs';

await main(async () => {
  await setup();
  return run('node', ['apps/recipes/dist/digits/main.js', ...process.argv.slice(2)]);
});
