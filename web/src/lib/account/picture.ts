/** A chosen image, cut to a square and made small before it is sent: photographs of phones have many megabytes. */
const SIDE = 256;

export interface Cut {
  blob: Blob;
  address: string;
}

/** Throws an Error with words for what cannot be read as a picture. */
export async function cutPicture(file: Blob): Promise<Cut> {
  const image = await createImageBitmap(file).catch(() => {
    throw new Error('This file is not a picture that the browser can read.');
  });
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = SIDE;
  const side = Math.min(image.width, image.height);
  const [left, top] = [(image.width - side) / 2, (image.height - side) / 2];
  canvas.getContext('2d')?.drawImage(image, left, top, side, side, 0, 0, SIDE, SIDE);
  image.close();
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (!blob) throw new Error('This picture cannot be made smaller. Choose another.');
  return { blob, address: canvas.toDataURL('image/png') };
}
