// Offers the page in the phone's own language, where that is published: the link that is on the page anyway, moved to the top.
// Nothing is stored, nothing is sent and nobody is sent anywhere; the page itself is the same for everybody, so caches keep it.
const here = document.documentElement.lang.split("-")[0];
const links = new Map([...document.querySelectorAll(".languages a[hreflang]")].map(a => [a.hreflang.split("-")[0], a]));
const own = navigator.languages.map(code => code.toLowerCase().split("-")[0]).find(code => code === here || links.has(code));
if (own && own !== here) {
  const offer = document.createElement("nav");
  offer.className = "wrap own-language";
  offer.setAttribute("aria-label", links.get(own).textContent);
  offer.lang = links.get(own).lang;
  offer.append(links.get(own).cloneNode(true));
  document.getElementById("main").before(offer);
}
