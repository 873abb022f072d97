"""Accessibility, privacy and cookies pages of the demo. A force has its own people check them before launch."""

ACCESSIBILITY = (
    "<p>This page is about the Walk Away site. We want as many people as possible to be able to use it. You should be "
    "able to zoom to 400% without losing text, use it with a keyboard alone, use it with a screen reader, and use it "
    "with scripts switched off.</p>"
    "<h2>How well it does</h2><p>The site is meant to meet the Web Content Accessibility Guidelines, version 2.2, "
    "level AA. We think that it is partly compliant, because some checks still have to be made by hand.</p>"
    "<h2>What may not work yet</h2><ul><li>Print files of posters are pictures first. Their words are on the page of "
    "tips.</li><li>The site is in English only for now.</li><li>It has not been tested by users of screen readers "
    "yet.</li></ul>"
    "<h2>Tell us</h2><p>Did you find a problem, or need a page in another form? Call 101 and ask for Corporate "
    "Communications. We aim to answer in five working days.</p>"
    "<h2>If you are not happy with the answer</h2><p>The Equality and Human Rights Commission (EHRC) enforces the "
    "Public Sector Bodies Accessibility Regulations 2018. If you are not happy with how we answer, contact the "
    "Equality Advisory and Support Service (EASS).</p>"
    "<h2>How we tested</h2><p>Every page is tested with axe in a real browser, on a narrow and a wide screen, in "
    "light and dark. This statement was prepared on 24 November 2026. It will be reviewed by 24 May 2027.</p>"
)
PRIVACY = (
    "<p>You can read this site without telling us who you are. There are no accounts for the public, no adverts, and "
    "nothing from other companies.</p>"
    "<h2>What we count</h2><p>When you scan a poster, we count one scan for that poster and that hour. The code on a "
    "poster says where it hangs. It does not say who you are, and every copy there has the same code. We do not keep "
    "your address on the network, your phone's name or where you are.</p>"
    "<h2>Why</h2><p>To see which posters are found, and to find out if the campaign does any good. The legal basis is "
    "public task.</p>"
    "<h2>Who runs this</h2><p>The police force that runs this site decides what is kept. To ask what it holds, call "
    "101 and ask for the data protection officer. You can also complain to the Information Commissioner at "
    '<a href="https://ico.org.uk/">ico.org.uk</a>.</p>'
    "<h2>Leaving fast</h2><p>“Leave this site” takes you to a page about the weather. It does not clear your history. "
    "Use a private window if someone looks at your phone.</p>"
)
COOKIES = (
    "<p>The pages for the public set no cookies by themselves. That is why no banner asks you about them.</p>"
    "<h2>Cookies for people who work here</h2><p>These are needed to sign in and to send forms. They are set only on "
    "those pages.</p><ul><li><b>sessionid</b> keeps you signed in. It goes after 12 hours, or when you sign out.</li>"
    "<li><b>csrftoken</b> makes sure that a form was sent from our page. It stays for a year.</li>"
    "<li><b>messages</b> holds a note such as “Saved” until you have seen it.</li></ul>"
    "<h2>If you tell us not to count you</h2><p>Then we set one cookie, because you asked: <b>do_not_count</b>. It holds "
    "the number 1 and stays for a year. <b>cookie_choice</b> remembers what you chose when we asked. It also stays for a "
    "year.</p><h2>Nothing else</h2><p>We keep nothing else on your phone. Your browser keeps copies of pages for a short time, "
    "as it does for any site.</p>"
)
