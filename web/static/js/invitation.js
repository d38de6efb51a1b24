// An invitation's code arrives behind the "#", which browsers send to no server. It is put into its
// field and taken out of the address, so that it does not stay in the history either.

const field = document.getElementById("code");
const code = location.hash.slice(1);

if (field instanceof HTMLInputElement && code) {
  field.value = code;
  history.replaceState(null, "", location.pathname);
}
