import type { HandleClientError } from '@sveltejs/kit';

/** What a page that fails says. An address that does not exist is no fault of the program. */
export const handleError: HandleClientError = ({ error, status, message }) => {
  if (status !== 404) console.error(error);
  return { message: status === 404 ? 'There is no such page.' : message };
};
