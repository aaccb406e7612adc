// Before anything is drawn: the colours that were chosen on the page itself.
{
  const key = 'mantine-color-scheme-value';
  const follow = () => {
    let chosen = null;
    try {
      chosen = localStorage.getItem(key);
    } catch {
      // Without storage the system's choice holds.
    }
    const { dataset } = document.documentElement;
    if (chosen === 'light' || chosen === 'dark') dataset['mantineColorScheme'] = chosen;
    else delete dataset['mantineColorScheme'];
  };
  follow();
  addEventListener('storage', follow);
}
