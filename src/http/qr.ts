/** Draws the QR code here: the secret in it is nobody else's business. Loaded when the first authenticator app is set up. */
export async function qrSvg(uri: string): Promise<string> {
  const { renderSVG } = await import('uqr');
  return renderSVG(uri, { border: 2, pixelSize: 4 });
}
