// The page's beginning: takes the token out of the address, follows the server, draws.

import { render } from 'preact';
import { App } from './app.tsx';
import { Connection } from './connection.ts';

/** The fragment is never sent anywhere, and it stays, so that the page can be loaded again. */
const token = new URLSearchParams(location.hash.slice(1)).get('token') ?? '';
// Another link to the same page changes only the fragment, which loads nothing by itself.
addEventListener('hashchange', () => location.reload());

const place = document.getElementById('app');
if (place !== null) {
  const connection = new Connection(token);
  place.replaceChildren();
  render(<App connection={connection} />, place);
  void connection.follow();
}
