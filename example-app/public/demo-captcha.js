// The widget of CAPTCHA=demo: a box that asks the app for an answer once it is ticked, and puts that into the form around it.
for (const place of document.querySelectorAll('.demo-captcha')) {
  const box = Object.assign(document.createElement('input'), { type: 'checkbox', id: 'demo-captcha-box' });
  const label = Object.assign(document.createElement('label'), { htmlFor: box.id, textContent: 'I am a person' });
  const answer = Object.assign(document.createElement('input'), { type: 'hidden', name: 'demo-captcha-answer' });
  const row = Object.assign(document.createElement('div'), { className: 'mfa-check' });
  box.addEventListener('change', async () => {
    answer.value = '';
    if (!box.checked) return;
    const response = await fetch('/demo-captcha', { method: 'POST' }).catch(() => undefined);
    if (response?.ok) answer.value = (await response.json()).answer;
    else box.checked = false;
  });
  row.append(box, label, answer);
  place.append(row);
}
